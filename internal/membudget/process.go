package membudget

// A process is a handle that cannot come to mean another process.
type process interface {
	kill()
	// exited reports that it has ended and given back its memory, whether or not
	// it has been waited for; false also means that this cannot be told.
	exited() bool
	pause(paused bool)
	close()
}

// nobody stands for a process that only its owner can reach.
type nobody struct{}

func (nobody) kill()        {}
func (nobody) exited() bool { return false }
func (nobody) pause(bool)   {}
func (nobody) close()       {}
