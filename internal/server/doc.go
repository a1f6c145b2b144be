// Package server wires everything together: it opens the sources, puts the
// protections before the routes in one readable list, and owns the listener.
package server
