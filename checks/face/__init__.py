"""What people see: command line, tables, figures."""
