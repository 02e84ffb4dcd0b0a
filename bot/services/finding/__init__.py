"""What there is to choose from: projects, pipelines, executions, as the person may see them."""
