"""Contracts with vendors, their clauses, what they cover, and which law is about a unit."""

from contracts.models.clause import Clause
from contracts.models.clause_look import ClauseLook
from contracts.models.contract import Contract, ContractTerms, IctService, Service
from contracts.models.legal_profile import LegalProfile

__all__ = ("Clause", "ClauseLook", "Contract", "ContractTerms", "IctService", "LegalProfile", "Service")
