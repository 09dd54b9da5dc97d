"""The officer's app: `landgis app PROJECT`; all it does is to hand over to the frame."""

from landgis.ui.frame import run

run()
