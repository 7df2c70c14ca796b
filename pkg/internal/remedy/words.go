package remedy

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/daypass/daypass/pkg/internal/weburl"
)

// InWords returns the error's text without the program's terms of net/http, net and crypto/tls, such as "dial tcp" and
// "context deadline exceeded".
func InWords(err error) string {
	text := err.Error()
	replace := func(part error, words string) { text = strings.Replace(text, part.Error(), words, 1) }
	if e, ok := errors.AsType[*url.Error](err); ok {
		replace(e, "contacting "+hostOf(e.URL)+": "+e.Err.Error())
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		replace(e, connectionText(e))
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		replace(e, e.Err)
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		replace(e, strings.TrimPrefix(e.Err.Error(), "x509: "))
	}
	if timedOut(err) {
		text = deadlineText.ReplaceAllString(text, "no response in time")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		text = eofText.ReplaceAllString(text, "the connection was closed without a response")
	}
	return text
}

// eofText is Go's text for a connection that the server closed.
var eofText = regexp.MustCompile(`(unexpected )?EOF$`)

// deadlineText is Go's text for a timeout.
var deadlineText = regexp.MustCompile(regexp.QuoteMeta(context.DeadlineExceeded.Error()) + `( \(Client\.Timeout[^)]*\))?|` +
	regexp.QuoteMeta(os.ErrDeadlineExceeded.Error()))

// connectionText omits the system call and both addresses: the text names the host already.
func connectionText(e *net.OpError) string {
	cause := e.Err
	if call, ok := errors.AsType[*os.SyscallError](cause); ok {
		cause = call.Err
	}
	if e.Op == "proxyconnect" {
		if inner, ok := errors.AsType[*net.OpError](cause); ok {
			return "the proxy: " + connectionText(inner)
		}
		return "the proxy: " + cause.Error()
	}
	return cause.Error()
}

func hostOf(raw string) string { return weburl.Host(raw, "the server") }
