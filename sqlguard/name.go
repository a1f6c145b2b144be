package sqlguard

import "github.com/sallyport-dev/sallyport/sqlguard/internal/fold"

// SameName reports whether an engine takes two names for the same: whatever
// the case of the letters A to Z, and of no others.
func SameName(a, b string) bool { return fold.Same(a, b) }
