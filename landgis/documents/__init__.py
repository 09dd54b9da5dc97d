"""Reports as files: PDF through typst, DOCX through python-docx, maps and charts as SVG of our own."""
