"""Lists of billing in the staff pages; importing them registers them."""

from billing.admin import bills, contracts, pools, runs, tariffs

__all__ = ["bills", "contracts", "pools", "runs", "tariffs"]
