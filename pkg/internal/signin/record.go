package signin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/internal/userfile"
)

const (
	recordVersion = 1
	// maxRecord bounds what is read, in bytes, and maxReason what is written of a reason, in characters.
	maxRecord = 4096
	maxReason = 300
)

// record is the content of the file. The zero record means that there is none.
type record struct {
	Version int       `json:"v"`
	ID      string    `json:"id"`
	Host    string    `json:"host"`
	Began   time.Time `json:"began"`
	// Reason is why it failed; "" while it is pending, or when its process died.
	Reason string `json:"reason,omitempty"`
	// Deaths counts the processes that died over it before this one.
	Deaths int `json:"deaths,omitempty"`
	// SignedOut is all that a sign-out leaves of the sign-in that it withdrew.
	SignedOut int64 `json:"signed_out,omitempty"`
}

// failure says why no sign-in may start by itself after this one.
func (r record) failure() error {
	reason := r.Reason
	if reason == "" && r.nextDeaths() >= maxDeaths {
		reason = fmt.Sprintf("its process was killed, %d times in a row", maxDeaths)
	}
	if reason == "" {
		return nil
	}
	return &FailedError{Host: r.Host, Began: r.Began, Reason: reason}
}

// nextDeaths counts a death for a record without an end.
func (r record) nextDeaths() int {
	if r.ID == "" || r.Reason != "" {
		return 0
	}
	return r.Deaths + 1
}

// read returns the zero record if the file is missing or was not written by daypass. An error says that the file could
// not be read, for example because this process has too many open files: then nobody knows what the record is.
func (c *Coordinator) read() (record, error) {
	var r record
	text, err := userfile.Read(c.Path, maxRecord)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, userfile.ErrInvalid):
		return record{}, nil
	case err != nil:
		return record{}, fmt.Errorf("reading the record of the last sign-in: %w", err)
	case json.Unmarshal(text, &r) != nil, r.Version != recordVersion:
		return record{}, nil
	}
	r.Host, r.Reason = sanitize.Short(r.Host, maxReason), sanitize.Short(r.Reason, maxReason)
	return r, nil
}

func (c *Coordinator) write(r record) error {
	r.Reason = sanitize.Short(r.Reason, maxReason)
	text, err := json.Marshal(r)
	if err == nil {
		_, err = userfile.Write(c.Path, text)
	}
	return err
}

// remove removes the file and reports whether there was one. If it cannot be removed, the record will look like one of
// a process that died.
func (c *Coordinator) remove() bool { return os.Remove(c.Path) == nil }
