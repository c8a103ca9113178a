// SPDX-License-Identifier: MIT
// fetchpool
//
// Fetches a list of URLs with net/http; its Transport is set for many hosts. Nothing is warmed up: the time of
// the first connections counts.
// usage: go_crawl LIST IN_FLIGHT
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	atATime, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	list, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var urls []string
	for lines := bufio.NewScanner(list); lines.Scan(); {
		urls = append(urls, lines.Text())
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ForceAttemptHTTP2 = true
	transport.MaxIdleConns = 2000
	transport.MaxIdleConnsPerHost = atATime
	client := &http.Client{Transport: transport, Timeout: 30 * time.Second}

	count := int64(len(urls))
	var good, done int64
	var firstTenth, nineTenths time.Time
	var wait sync.WaitGroup
	left := make(chan string, atATime)
	start := time.Now()
	for i := 0; i < atATime; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for url := range left {
				if fetch(client, url) {
					atomic.AddInt64(&good, 1)
				}
				// Exactly one goroutine sees each number, so each time is set once if there are at least 10 URLs.
				switch atomic.AddInt64(&done, 1) {
				case count / 10:
					firstTenth = time.Now()
				case count - count/10:
					nineTenths = time.Now()
				}
			}
		}()
	}
	for _, url := range urls {
		left <- url
	}
	close(left)
	wait.Wait()
	end := time.Now()
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"items": count, "ok": good, "seconds": end.Sub(start).Seconds(),
		"first_tenth": firstTenth.Sub(start).Seconds(), "last_tenth": end.Sub(nineTenths).Seconds(),
	})
}

func fetch(client *http.Client, url string) bool {
	response, err := client.Get(url)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	return err == nil && response.StatusCode == http.StatusOK
}
