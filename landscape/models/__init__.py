"""What servers run behind and are used for: shared services, profiles, use cases, and the processes that they serve."""

from landscape.models.business_process import BusinessProcess
from landscape.models.shared_service import DeploymentService, SharedService
from landscape.models.substitutability import Substitutability
from landscape.models.technical_profile import TechnicalProfile
from landscape.models.use_case import UseCase, UseCaseDeployment, UseCaseProcess

__all__ = [
    "BusinessProcess",
    "DeploymentService",
    "SharedService",
    "Substitutability",
    "TechnicalProfile",
    "UseCase",
    "UseCaseDeployment",
    "UseCaseProcess",
]
