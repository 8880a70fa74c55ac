"""Certificates and reports of vendors, due diligence, and what the room saw of a vendor last."""

from assurance.models.certificate import CONDITIONS, Certificate
from assurance.models.diligence import DueDiligence, DueDiligenceHand, DueDiligenceItem
from assurance.models.look import AssuranceLook

__all__ = ["CONDITIONS", "AssuranceLook", "Certificate", "DueDiligence", "DueDiligenceHand", "DueDiligenceItem"]
