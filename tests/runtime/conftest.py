"""The fixtures of these tests."""

from house import a_house

__all__ = ["a_house"]
