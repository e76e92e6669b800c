"""From articles to claims: sentences with offsets, selection with reasons, speakers, reprints."""

from claimnli.claims.extraction import extract_claims
from claimnli.claims.reprints import find_reprints
from claimnli.claims.selection import REASONS

__all__ = ["REASONS", "extract_claims", "find_reprints"]
