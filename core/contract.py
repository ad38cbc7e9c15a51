"""The JSON form in which results leave the house: commands, records of runs, exports for machines."""

from datetime import date
from decimal import Decimal
from typing import Any

from core.errors import Problem


def as_json(value: Any) -> Any:
    """Return a value as the contract has it: money is text with two decimals, dates are ISO, problems objects.

    Only money is Decimal in a result; rates are floats.
    """
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    return value.as_dict() if isinstance(value, Problem) else value
