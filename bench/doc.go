// Command bench measures Sallyport beside the handler that people write
// without it, on the same machine and in the same run, and writes what it
// found to bench/RESULTS.md.
//
//	go run ./bench               # from the root of the checkout; make bench is the same
//	go run ./bench -only arrow   # the parts and loads with this in their name
//
// It measures the guard, the perimeter (everything a request passes but the
// engine), both servers over HTTP, the memory of both, and a result of five
// million rows as a stream, beside the engine that makes it. A run with a flag
// that changes what is measured prints the page and leaves bench/RESULTS.md as it
// is. Linux tells about memory, and perf(1), where it is installed, about where
// the time goes; what cannot be measured on a machine is said to be missing.
//
// The machines this runs on are shared, so no figure is worth much by itself.
// Both servers take turns, round by round, and the ratio of two neighbouring
// rounds is what to read: its median, with its minimum and maximum beside it.
//
// # What it starts
//
// Both servers are processes of their own, on free ports of 127.0.0.1:
// cmd/sallyport, built for the run, and this program itself as the bare
// handler and as the engine by itself. The load comes from this program: a fixed
// number of connections that stay open, each sending its next request when it
// has read the last answer; a stream has one connection and one client. It shares the processor with the server under load, in the same way
// for both. Everything is bounded in number and time, and ends with the run;
// on Linux the servers also end if the run is killed.
//
// # Limits
//
// One machine, small rows, loopback, no TLS, a closed loop: the numbers
// compare two servers, they do not say what a network of clients would see.
package main
