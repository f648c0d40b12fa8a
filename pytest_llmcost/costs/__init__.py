"""What it cost: usage times price."""
