-- Run by the database of compose.yaml at its first start only: the roles get the passwords of the connection strings.
\set owner_password `sed 's/.*password=//' /run/secrets/owner-database`
\set api_password `sed 's/.*password=//' /run/secrets/database`
\set retention_password `sed 's/.*password=//' /run/secrets/retention-database`
\i /etc/samsyn/database-roles.sql
