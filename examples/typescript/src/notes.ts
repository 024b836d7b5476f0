/** A note, as it is kept. */
export interface Note {
  text: string;
  written: string;
}

/** What a caller may do. */
export enum Access {
  Read = "read",
  Write = "write",
}

/** The part of KV that notes need. */
export interface NoteStore {
  get<T>(key: string, type: "json"): Promise<T | null>;
  put(key: string, value: string): Promise<void>;
}

export class Notes {
  constructor(private readonly store: NoteStore) {}

  read(name: string): Promise<Note | null> {
    return this.store.get<Note>(name, "json");
  }

  async write(name: string, text: string): Promise<Note> {
    const note: Note = { text, written: new Date().toISOString() };
    await this.store.put(name, JSON.stringify(note));
    return note;
  }
}
