// Package apart answers: how does a process of ours live apart from whoever started it?
//
// The agent and a sign-in outlive their caller, and hold secrets: nobody must wait for an end of theirs, no
// terminal reaches them, and the operating system is told to keep their memory to itself.
package process

// Settle takes the calling process over: descriptors that were inherited are closed but for the standard
// three, and the OS is told to dump and trace it no more. What the OS refuses is gone without. It is to be
// called before anything else is opened.
func Settle() {
	closeInherited()
	harden()
}
