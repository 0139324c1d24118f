"""A payment gateway for the tests, that answers as Stripe does, on this machine only."""
