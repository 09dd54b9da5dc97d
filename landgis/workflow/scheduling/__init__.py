"""From a project and a scenario to a plan: its document, what it is compared with, and where it is kept."""
