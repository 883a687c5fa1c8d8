"""Values and rules of real-name verification: pure, without sqlite, HTTP, threads or logging."""
