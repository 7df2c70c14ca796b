//go:build !unix

package lock

const (
	// noFollow does not exist here: the access list of the directory has to be enough.
	noFollow = 0
	// removes is false: Windows does not remove a file that another process has open.
	removes = false
)
