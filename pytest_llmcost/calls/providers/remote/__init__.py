"""Models on the other side of a socket, reached through litellm."""
