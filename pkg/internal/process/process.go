// Package process detaches and hardens the background processes of daypass.
//
// The agent and a background sign-in outlive their caller and hold secrets. So they must not keep inherited pipes or
// locks open, must not receive a terminal's signals, and must be protected from core dumps and debuggers.
package process

// Isolate closes all inherited descriptors except the standard three, and disables core dumps and tracing of this
// process as far as the OS allows. It must be called before anything else is opened.
func Isolate() {
	closeInherited()
	harden()
}
