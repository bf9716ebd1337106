"""The counter that the tests of this folder pay at."""

import pytest
from sqlalchemy.orm import Session

from paypoint import PayPoint, a_pay_point


@pytest.fixture
def point(tx: Session) -> PayPoint:
    return a_pay_point(tx)
