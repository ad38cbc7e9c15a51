"""What people read about an amount: its steps, why it changed, and what stands behind a share or a discount."""
