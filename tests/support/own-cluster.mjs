// Imported first by a test that kills its database: it gets a cluster of its own, not the run's.
delete process.env.SAMSYN_TEST_CLUSTER
