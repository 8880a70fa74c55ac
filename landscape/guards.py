"""What is said of a shared service stays in its unit: guarded by a trigger."""

from landscape.models import SharedService
from riskregister.guards import declare, keeps

declare(keeps("a_shared_service_stays_in_its_unit", SharedService, "unit"))
