"""Jobs as the contexts see them: ask for one in the transaction that gives it its work, and it is run after the commit.

The worker's table (``placket.worker``) says which function a name stands for. The sale's transaction asks for no job:
the queue notifies, and a notification in that transaction costs most of its speed.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

QUEUE = "placket"


def enqueue(tx: Session, task: str, arguments: Mapping[str, Any], *, lock: str | None = None) -> int:
    """Ask for a job in the caller's transaction; jobs with the same ``lock`` run one after the other. Answers its id."""
    made: int = tx.execute(
        text(
            """
            SELECT (procrastinate_defer_jobs_v1(ARRAY[
                ROW(:queue, :task, 0, CAST(:lock AS text), NULL, CAST(:arguments AS jsonb), NULL)
            ]::procrastinate_job_to_defer_v1[]))[1]
            """
        ),
        {"queue": QUEUE, "task": task, "lock": lock, "arguments": json.dumps(dict(arguments), default=str)},
    ).scalar_one()
    return made
