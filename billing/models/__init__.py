"""What is charged (tariffs), to whom (accounts), in which run, on which bill, and how it was settled."""

from billing.models.accounts import BillingPolicy, ChargeAccount
from billing.models.bills import Bill, BillState, ChargeLine
from billing.models.changes import UnitChange
from billing.models.contracts import Contract
from billing.models.corrections import (
    CorrectionPart,
    CorrectionPolicy,
    CorrectionRequest,
    RequestKind,
)
from billing.models.discounts import (
    Discount,
    DiscountKind,
    DiscountRule,
    PaidAhead,
    PaidAheadReturn,
)
from billing.models.late_fees import LateFeeCharge, LateFeePause, LateFeePolicy, LendingRate
from billing.models.opening import OpeningImport, OpeningItem, OpeningKind
from billing.models.pools import SupplierBill, UnitCoefficient
from billing.models.requests import RequestState
from billing.models.resharing import PoolResharing
from billing.models.runs import BillRun, PoolResult, RunChunk, RunItem, RunProblem, RunSample, RunState
from billing.models.schedules import RunSchedule
from billing.models.settlement import Allocation, ReductionKind, Waiver
from billing.models.tariffs import FeeItem, PostingProfile, TariffVersion
from billing.models.tolerance import Tolerance

__all__ = [
    "Allocation",
    "Bill",
    "BillRun",
    "BillState",
    "BillingPolicy",
    "ChargeAccount",
    "ChargeLine",
    "Contract",
    "CorrectionPart",
    "CorrectionPolicy",
    "CorrectionRequest",
    "Discount",
    "DiscountKind",
    "DiscountRule",
    "FeeItem",
    "LateFeeCharge",
    "LateFeePause",
    "LateFeePolicy",
    "LendingRate",
    "OpeningImport",
    "OpeningItem",
    "OpeningKind",
    "PaidAhead",
    "PaidAheadReturn",
    "PoolResharing",
    "PoolResult",
    "PostingProfile",
    "ReductionKind",
    "RequestKind",
    "RequestState",
    "RunChunk",
    "RunItem",
    "RunProblem",
    "RunSample",
    "RunSchedule",
    "RunState",
    "SupplierBill",
    "TariffVersion",
    "Tolerance",
    "UnitChange",
    "UnitCoefficient",
    "Waiver",
]
