"""The assets, checks, jobs, schedules and sensors of each part. Thin: the work is elsewhere."""
