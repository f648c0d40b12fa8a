"""Flow control: a provider is asked as much as it lets through, and nothing that it has refused for good."""
