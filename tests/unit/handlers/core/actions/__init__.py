"""Tests of the departments' actions."""
