/* A throwaway PostgreSQL cluster for a C test program, by way of cluster.sh. Run from the top of the source tree. */
#ifndef SAMSYN_TESTS_CLUSTER_H
#define SAMSYN_TESTS_CLUSTER_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char cluster_directory[64];
static char cluster_conninfo[192];

static inline int cluster_control(const char *verb)
{
    char command[256];
    snprintf(command, sizeof(command), "tests/support/cluster.sh %s %s", verb, cluster_directory);
    return system(command) == 0 ? 0 : -1;
}

/* For cmocka's group set-up. */
static inline int cluster_start(void **state)
{
    (void)state;
    strcpy(cluster_directory, "/tmp/samsyn-cluster-XXXXXX");
    if (!mkdtemp(cluster_directory))
        return -1;
    snprintf(cluster_conninfo, sizeof(cluster_conninfo), "host=%s user=postgres dbname=postgres connect_timeout=300",
             cluster_directory);
    return cluster_control("start");
}

/* For cmocka's group tear-down. */
static inline int cluster_stop(void **state)
{
    char command[256];
    (void)state;
    int stopped = cluster_control("stop");
    snprintf(command, sizeof(command), "rm -rf %s", cluster_directory);
    return system(command) == 0 ? stopped : -1;
}

/* Runs SQL as the superuser on a connection of its own; returns the first cell, lent until the next call, or "". */
static inline const char *cluster_sql(const char *sql)
{
    static char cell[4096];
    PGconn *connection = PQconnectdb(cluster_conninfo);
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
        fprintf(stderr, "%s: %s", sql, PQerrorMessage(connection));
    bool some = PQntuples(result) > 0 && PQnfields(result) > 0;
    snprintf(cell, sizeof(cell), "%s", some ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(connection);
    return cell;
}

#endif
