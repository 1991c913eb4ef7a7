"""The memory planner: what a model will take, on which device, and whether that is free; asked before every load."""

from aqe_desktop.services.planning.service import PlanningService

__all__ = ["PlanningService"]
