"""What a prompt says that it need not: each rule reads a text, and tells what could go."""
