"""Read models, charts and exports."""
