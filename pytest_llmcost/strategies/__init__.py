"""How a case is answered."""
