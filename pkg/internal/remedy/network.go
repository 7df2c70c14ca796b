package remedy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"

	"github.com/daypass/daypass/pkg/internal/httpclient"
)

// ofNetwork finds what kept an answer from coming.
func ofNetwork(err error) (advice, bool) {
	for _, row := range networkFaults {
		if row.is(err) {
			return row.advice, true
		}
	}
	return advice{}, false
}

var networkFaults = []struct {
	is func(error) bool
	advice
}{
	{isType[*httpclient.ProxyVariableError], advice{"", "", "HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT", ExitUsage}},
	{proxyAnswered(wantsOtherScheme), advice{"the proxy wants a sign-in that is not Basic, and daypass knows no other",
		"the proxy's rules for this machine", "through a local proxy that signs in to it, with HTTPS_PROXY", ExitFailed}},
	{proxyAnswered(func(e *httpclient.ProxyError) bool { return e.Status == http.StatusProxyAuthRequired }),
		advice{"the proxy wants a user name and a password, or other ones", "HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT", "", ExitFailed}},
	{proxyAnswered(func(e *httpclient.ProxyError) bool { return e.Status >= http.StatusInternalServerError }),
		advice{"the proxy cannot reach that host, or is in trouble just now", "the issuer, the region and the endpoints in the profile", againInAMinute, ExitFailed}},
	{proxyAnswered(func(e *httpclient.ProxyError) bool { return e.Status != 0 }),
		advice{"the proxy does not allow that host", "the proxy's rules; NO_PROXY, for hosts that are reached without it", "", ExitFailed}},
	{unknownAuthority, advice{"a proxy or a private CA signed the server's certificate",
		"AWS_CA_BUNDLE, or ca_bundle in the profile, with that CA in it", "", ExitFailed}},
	{isType[x509.HostnameError], advice{"the server's certificate is for another host",
		"the issuer and the endpoints in the profile", "", ExitFailed}},
	{isType[x509.CertificateInvalidError], advice{"the server's certificate has expired, or the clock here is wrong",
		"the clock here", "", ExitFailed}},
	{isType[tls.RecordHeaderError], advice{"the server does not speak https",
		"https in the issuer, the endpoints and HTTPS_PROXY", "", ExitFailed}},
	{nameNotFound, advice{"there is no such host, or no network",
		"the issuer, the region and the endpoints in the profile", "", ExitFailed}},
	{isType[*net.DNSError], advice{"host names cannot be looked up: is there a network?", "", againInAMinute, ExitFailed}},
	{refusedConnection, advice{"nothing listens there", "the issuer, the endpoints and HTTPS_PROXY", "", ExitFailed}},
	{noRoute, advice{"there is no way to that network", "the network here, and HTTPS_PROXY", "", ExitFailed}},
	{timedOut, advice{"no answer came in time", "the network here, and HTTPS_PROXY", "", ExitFailed}},
	{hungUp, advice{"the server, or a proxy before it, hung up", "the network here, and HTTPS_PROXY", "again", ExitFailed}},
	{canceled, advice{"", "", "", ExitInterrupted}},
}

// proxyAnswered reports an answer of a proxy that is like that.
func proxyAnswered(like func(*httpclient.ProxyError) bool) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*httpclient.ProxyError](err)
		return ok && like(e)
	}
}

// wantsOtherScheme reports that the proxy does not take what net/http can send, a user name and a password.
func wantsOtherScheme(e *httpclient.ProxyError) bool {
	basic := func(scheme string) bool { return strings.EqualFold(scheme, "Basic") }
	return e.Status == http.StatusProxyAuthRequired && len(e.Schemes) > 0 && !slices.ContainsFunc(e.Schemes, basic)
}

func isType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// unknownAuthority also takes the platforms whose verifier has errors of its own.
func unknownAuthority(err error) bool {
	return isType[x509.UnknownAuthorityError](err) || isType[*x509.UnknownAuthorityError](err) ||
		isType[x509.SystemRootsError](err) || strings.Contains(err.Error(), "certificate is not trusted")
}

func nameNotFound(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound
}

func refusedConnection(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

func noRoute(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH)
}

func timedOut(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && network.Timeout()
}

func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

func canceled(err error) bool { return errors.Is(err, context.Canceled) }
