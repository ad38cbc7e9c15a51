"""Pages of payments: the platforms' door, the cash desk, receipts."""
