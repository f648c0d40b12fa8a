"""Settings to a run: the one place that joins the rooms."""
