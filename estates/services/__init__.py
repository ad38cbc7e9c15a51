"""What changes the register: roster imports and meter readings."""
