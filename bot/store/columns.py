"""Kinds of columns that several tables have."""

from sqlalchemy import BigInteger, Integer

FOREIGN_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""A number that Buddy gives, however large; SQLite's integers are large as they are."""
