// Package query is the only way from a front (HTTP, later MCP) to an engine:
// guard, then the ceiling on what the planner expects, then engine. Neither
// front can leave the guard out, because nothing else holds an engine.
package query
