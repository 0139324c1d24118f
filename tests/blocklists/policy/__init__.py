"""The one policy of the layers."""
