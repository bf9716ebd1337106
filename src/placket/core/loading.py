"""Code that is loaded by name when somebody asks for it, so that every command and role carries only its own."""

import gc
import pkgutil
from typing import Any


def loaded(name: str) -> Any:  # noqa: ANN401 - whatever stands under that name
    """What stands under ``module:name``; its module is loaded now, unless it was.

    Nothing that a module makes goes away again, and looking for what does took a fifth of the API's start.
    """
    looks = gc.isenabled()
    gc.disable()
    try:
        return pkgutil.resolve_name(name)
    finally:
        if looks:
            gc.enable()
