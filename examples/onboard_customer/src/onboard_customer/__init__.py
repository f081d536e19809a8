"""Onboard a customer by running three other workflows."""
