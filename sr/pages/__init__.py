"""What people read: tables and pages as Markdown, HTML and TeX."""
