// SPDX-License-Identifier: Apache-2.0
#include "io.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SNAP_LENGTH = 262144,	/* libpcap's own largest */
	READ_AHEAD = 65536,	/* bytes that are asked of the system at once */
	NS_PER_S = 1000000000
};

struct pcap_io_reader {
	pcap_t *pcap;
};

struct pcap_io_writer {
	pcap_t *pcap;
	pcap_dumper_t *dumper;
};

/* text is why there is none. */
static pcap_t *open_capture(const char *path, char text[PCAP_ERRBUF_SIZE])
{
	FILE *file = strcmp(path, "-") ? fopen(path, "rb") : fdopen(dup(STDIN_FILENO), "rb"); /* closed with the reader, and stdin stays */
	pcap_t *pcap;

	if (!file) {
		snprintf(text, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
		return NULL;
	}
	setvbuf(file, NULL, _IOFBF, READ_AHEAD);
	pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, text);
	if (!pcap)
		fclose(file);
	return pcap;
}

struct pcap_io_reader *pcap_io_open(const char *path, struct io_error *err)
{
	char text[PCAP_ERRBUF_SIZE];
	struct pcap_io_reader *reader;
	pcap_t *pcap = open_capture(path, text);

	if (!pcap) {
		io_fail(err, "%s cannot be read as a capture: %s", path, text);
		return NULL;
	}
	if (pcap_datalink(pcap) != DLT_EN10MB) {
		io_fail(err, "%s holds link type %d, only Ethernet (%d) is accepted", path,
			pcap_datalink(pcap), DLT_EN10MB);
		pcap_close(pcap);
		return NULL;
	}
	reader = calloc(1, sizeof(*reader));
	if (!reader) {
		io_fail(err, "out of memory");
		pcap_close(pcap);
		return NULL;
	}
	reader->pcap = pcap;
	return reader;
}

int pcap_io_read(struct pcap_io_reader *reader, struct pcap_io_packet *packet,
		 struct io_error *err)
{
	struct pcap_pkthdr *header;
	const u_char *data;

	switch (pcap_next_ex(reader->pcap, &header, &data)) {
	case 1:
		packet->data = data;
		packet->len = header->caplen;
		packet->time_ns = (uint64_t)header->ts.tv_sec * NS_PER_S +
				  (uint64_t)header->ts.tv_usec;
		return 1;
	case PCAP_ERROR_BREAK:
		return 0;
	default:
		return io_fail(err, "the capture is damaged: %s", pcap_geterr(reader->pcap));
	}
}

void pcap_io_close(struct pcap_io_reader *reader)
{
	if (!reader)
		return;
	pcap_close(reader->pcap);
	free(reader);
}

struct pcap_io_writer *pcap_io_create(const char *path, struct io_error *err)
{
	struct pcap_io_writer *writer = calloc(1, sizeof(*writer));

	if (writer)
		writer->pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, SNAP_LENGTH,
								    PCAP_TSTAMP_PRECISION_NANO);
	if (!writer || !writer->pcap) {
		io_fail(err, "out of memory");
		free(writer);
		return NULL;
	}
	writer->dumper = pcap_dump_open(writer->pcap, path);
	if (!writer->dumper) {
		io_fail(err, "%s cannot be written: %s", path, pcap_geterr(writer->pcap));
		pcap_close(writer->pcap);
		free(writer);
		return NULL;
	}
	return writer;
}

void pcap_io_write(struct pcap_io_writer *writer, const struct pcap_io_packet *packet)
{
	struct pcap_pkthdr header = {
		.ts.tv_sec = (time_t)(packet->time_ns / NS_PER_S),
		.ts.tv_usec = (suseconds_t)(packet->time_ns % NS_PER_S),
		.caplen = packet->len,
		.len = packet->len,
	};

	pcap_dump((u_char *)writer->dumper, &header, packet->data);
}

int pcap_io_finish(struct pcap_io_writer *writer, struct io_error *err)
{
	int result = 0;

	if (!writer)
		return 0;
	/* pcap_dump() reports nothing; the stream remembers. */
	if (pcap_dump_flush(writer->dumper) < 0 || ferror(pcap_dump_file(writer->dumper)))
		result = io_fail(err, "the output capture could not be written");
	pcap_dump_close(writer->dumper);
	pcap_close(writer->pcap);
	free(writer);
	return result;
}
