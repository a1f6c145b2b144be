// Package dialect is the contract between the guard and its adapters.
//
// It is internal so that nobody outside can write an adapter: a Query that
// the guard makes was rendered by code reviewed with the guard.
package dialect
