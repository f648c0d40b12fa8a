"""Cases in files of their own: tables and JSON."""
