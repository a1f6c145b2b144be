package httpapi

// Held is how many bytes of answers are in memory.
func (a *API) Held() int64 { return a.ledger.held.Load() }
